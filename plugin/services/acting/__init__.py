"""What people do in a case, and what must follow from it: raise, meet what is owed, move, hand on."""

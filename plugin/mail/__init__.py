"""Mail: what each message says (`messages`) and how it leaves (`transport`). No message says who the child is."""

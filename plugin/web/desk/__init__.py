"""The desk's pages, one module a noun, for administrators, coordinators and owners."""

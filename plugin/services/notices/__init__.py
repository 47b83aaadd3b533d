"""Who is to be asked, told and reminded, by which link, and whether they can be reached. Nothing here sends."""

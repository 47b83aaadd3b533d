"""Two pretend record systems, each a small Flask app with its own origin, its own storage and its own way of taking documents.

`council.py` is a council's children's case records (JSON in, API key); `school.py` is a school's pupil records (sign-in first, then
multipart, and a 200 that may say no). The rest is what they share. They know the service by its address alone: they import nothing
of it but the reference for signing a launch (`integrations.launch.host`).

Adding a third is adding a module with `create_app(setting)`, a data file and a folder of templates, and its name in `places.HOSTS`.
"""

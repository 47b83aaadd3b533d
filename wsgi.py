from plugin.app import served

app = served()

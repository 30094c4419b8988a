# Made by `python tools/message_stubs.py` from the installed messages.

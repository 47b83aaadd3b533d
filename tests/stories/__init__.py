"""Stories: what a case's people get by mail, told by moving the clock. One file a behaviour; `telling` holds what they are told with."""

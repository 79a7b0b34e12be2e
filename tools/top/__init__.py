"""`vafa switch top`: the console's live figures in a terminal, out of the same stream that the page has.

`event_stream`, `picture`, `grid`, `views` and `layout` know no socket, clock or screen; `client`, `watcher`,
`details` and `app` do.
"""

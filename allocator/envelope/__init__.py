"""The release envelope: what may safely go out before later money is known."""

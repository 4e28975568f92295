"""The development servers, over real sockets."""

"""The DTS link: the stick of the manual, protobuf over TCP 10081."""

from .link import DtsLink
from .stream import Connect

__all__ = ["Connect", "DtsLink"]

"""Keeping an eye on sources: whether their addresses still answer, and with what they answered before."""

from practices.custody.checking import Checked, check
from practices.custody.visiting import Visitor

__all__ = ["Checked", "Visitor", "check"]

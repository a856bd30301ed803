"""Tencent Cloud on this machine: what the functions need of it, behind one port."""

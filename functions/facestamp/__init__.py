"""Stamps every photo that lands in a Tencent Cloud COS bucket with the faces in it."""

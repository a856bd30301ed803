"""The way out: what is sent back, be it an endpoint's answer or a refusal.

`reply` is what is sent, and `headers` what each reply carries. Whoever cannot go on raises one of the `problems`;
`refusals` tells which of Tencent's codes is which problem.
"""

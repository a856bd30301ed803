"""What is seen in a picture: `operations` are the endpoints, `responses` and `attributes` are Tencent's structures."""

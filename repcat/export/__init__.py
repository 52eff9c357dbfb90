"""A trained run as files that others can use: a hub folder, ONNX, torch.export, a MONAI bundle."""

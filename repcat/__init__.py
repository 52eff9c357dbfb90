"""repcat: a 3D CT volume from one to eight 2D X-rays. Research software, not a medical device.

This is the public face: every name that a plugin may import, and `load` for those who reconstruct.
`__init__.pyi` says where each comes from; it is loaded on first use, so that the command line
starts without torch.
"""

import lazy_loader

from repcat.version import __version__ as __version__

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

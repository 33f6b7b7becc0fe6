"""`python -m cogrnn_lab.cli` is `cogrnn-lab`."""

import sys

from cogrnn_lab.cli import main

sys.exit(main())

"""What the image runs: the golden vectors, then the figures."""

import figures
import golden_vectors

golden_vectors.run()
figures.run()

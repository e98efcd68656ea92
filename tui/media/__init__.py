"""Pictures out of clips: decoding, in worker threads only, with av, numpy and pillow loaded on first use."""

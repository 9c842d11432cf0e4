"""What surrounds the nightly run: telling people, keeping the disk bounded, backup. None of it shapes a release."""

"""What judges the public contract: a linter, the released contract, two generated clients."""

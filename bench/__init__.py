"""Speed, shown as numbers and ratios of one run on one machine: `./run bench`."""

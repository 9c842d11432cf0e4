"""Invented deliveries of Guizhou and Henan: few rows a county, calibrated to the shares their documents print."""

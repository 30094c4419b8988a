"""What is as large as the image, wherever its pixels lie."""

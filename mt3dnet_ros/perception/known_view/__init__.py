"""Whether a picture is a view that the network knows; where it is not, there is nothing here."""

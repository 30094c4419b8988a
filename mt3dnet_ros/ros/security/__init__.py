"""Who may do what: the policies of SROS 2, from the tables of topics, services and parameters."""

"""Scale from a robot's kinematics: where it says that its tools' tips are, against where they are seen."""

"""How well things keep their names over time: CLEAR MOT, IDF1 and HOTA."""

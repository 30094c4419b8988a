"""Tables of robot labs and what stands on them and behind them: surfaces, things, the room, its light."""

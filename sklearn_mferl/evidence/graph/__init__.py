"""The known interactions as a graph, and what it says of a pair."""

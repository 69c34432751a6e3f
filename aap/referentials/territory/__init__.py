"""The territory: communes, dated zonings, accessibility figures, where they came from, how to find a place."""

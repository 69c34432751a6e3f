"""What funded projects teach: sheets, their review, their validation and their publication."""

"""What a source does to the wiki: one batch of records becomes one transaction."""

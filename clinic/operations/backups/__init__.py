"""Backups that were restored and compared before they count: what a database holds, its dump, and the sealed file."""

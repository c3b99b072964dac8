"""What tables are held against."""

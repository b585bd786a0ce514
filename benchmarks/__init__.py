"""What measures speed, memory and gap against peers; not part of the tests."""

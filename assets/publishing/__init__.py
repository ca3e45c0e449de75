"""From primitives to posted campaigns: policy, translation, and the posting state machine."""

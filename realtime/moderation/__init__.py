"""What moderators and the host may do to the room; each action is an audited entry of its log."""

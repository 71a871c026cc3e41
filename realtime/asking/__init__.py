"""What viewers ask and what they are asked: questions with votes, polls."""

"""Answers: what is known of a question, who answers it, and how the answer is shown and kept."""

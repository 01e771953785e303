description = "The indent of a heredoc's end tag counts when its lines are unindented"
document    = "*"

dialect {}

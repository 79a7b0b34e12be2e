"""What earns without a sale: typed events, reviews, surveys and visits; the rules decide what they give."""

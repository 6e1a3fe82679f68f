package Assay::Tally;

# prove's usual output, and one line a suite for contrib/check:
#   prove --formatter Assay::Tally    appends "PASSED FAILED SKIPPED" to $ASSAY_TALLY
#
# A program that died or broke its plan is a failure even when each test it ran
# had passed; a file that skipped itself whole is one skip.
use strict;
use warnings;
use TAP::Formatter::Console;
use TAP::Formatter::File;

# As prove chooses: no progress marks where nobody watches.
our @ISA = -t STDOUT ? 'TAP::Formatter::Console' : 'TAP::Formatter::File';

sub summary {
    my ($self, $aggregate, @rest) = @_;
    $self->SUPER::summary($aggregate, @rest);
    my ($passed, $failed, $skipped) = (0, 0, 0);
    for my $parser ($aggregate->parsers) {
        my $skips = $parser->skip_all ? 1 : $parser->skipped;
        my $bad = $parser->failed;
        $bad ||= 1 if $parser->has_problems;
        $passed += $parser->passed - $parser->skipped;
        $failed += $bad;
        $skipped += $skips;
    }
    open my $fh, '>>', $ENV{ASSAY_TALLY} or die "$ENV{ASSAY_TALLY}: $!";
    print {$fh} "$passed $failed $skipped\n";
    return close $fh;
}

1;

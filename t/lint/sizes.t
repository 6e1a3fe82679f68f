#!/usr/bin/perl
# Nothing grows beyond what a reader can hold: lines of a file and a function,
# decisions in a function, depth of its nesting. Nobody ever decided to write
# a function of 1,898 lines.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(sources slurp code functions);

my ($file_lines, $function_lines, $decisions, $depth) = (800, 100, 20, 3);

# if, for, while, case, &&, ||, ?: (do-while counts by its while)
sub complexity {
    my ($body) = @_;
    return 1 + (() = $body =~ /\b(?:if|for|while|case)\b|&&|\|\||\?/g);
}

# The tabs before a statement that opens a level; the formatter indents by one
# tab a level, and continuation lines never begin with these words.
sub nesting {
    my ($body) = @_;
    my $max = 0;
    while ($body =~ /^(\t+)(?:\} else\b|(?:if|for|while|switch|do|else)\b)/mg) {
        $max = length $1 if length $1 > $max;
    }
    return $max;
}

for my $file (sources(qr/\.[ch]$/, 'milter', 't')) {
    my $text = slurp($file);
    my $lines = $text =~ tr/\n//;
    my @wrong;
    push @wrong, "$lines lines" if $lines > $file_lines;
    for my $f (functions(code($text))) {
        my $here = "line $f->{line}: $f->{name}()";
        my $long = $f->{end} - $f->{line} + 1;
        push @wrong, "$here has $long lines" if $long > $function_lines;
        my $c = complexity($f->{body});
        push @wrong, "$here makes $c decisions" if $c > $decisions;
        my $d = nesting($f->{body});
        push @wrong, "$here is nested $d deep" if $d > $depth;
    }
    ok !@wrong, "$file is of readable size" or diag map { "$file: $_\n" } @wrong;
}
for my $file (sources(qr/\.(?:t|pm|pl|am)$/, 't', 'milter'), sources(qr/\w$/, 'contrib')) {
    next if $file =~ m{^contrib/completion/assay\.};    # written by a program
    my $lines = slurp($file) =~ tr/\n//;
    cmp_ok $lines, '<=', $file_lines, "$file is of readable size";
}
done_testing;

#!/usr/bin/perl
# Every file says what it is for before anything else; comments say why, and
# hold no code, no wish lists and no diary.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(sources slurp code comments functions);

for my $file (sources(qr/\.[ch]$/, 'milter', 't')) {
    my $text = slurp($file);
    my @line = split /\n/, $text, 3;
    ok $line[0] eq '/* SPDX-License-Identifier: BSD-2-Clause */', "$file has its licence";
    ok $line[1] =~ m{^/\*}, "$file says what it is for" if $file !~ m{^t/unit/.*\.c$};

    my %inside;
    for my $f (functions(code($text))) {
        $inside{$_} = 1 for $f->{line} .. $f->{end};
    }
    my @wrong;
    for my $comment (comments($text)) {
        my ($line, $words) = @$comment{qw(line text)};
        push @wrong, "line $line: write /* ... */" if $words =~ m{^//};
        push @wrong, "line $line: $1 belongs elsewhere" if $words =~ /\b(TODO|FIXME|XXX|HACK)\b/;
        push @wrong, "line $line: says what the brace says" if $words =~ m{^/\*\s*end\b};
        push @wrong, "line $line: reads like a diary"
            if $words =~ /\b(?:19|20)\d\d-\d\d-\d\d\b|\bchanged (?:by|on)\b/i;
        # Examples stand in headers and banners; in a function it was code.
        push @wrong, "line $line: commented-out code" if $inside{$line}
            && $words =~ m{(?:\)\s*;|=[^=\n]+;|^\s*\}|[{}]|\breturn\b[^\n]*;)\s*(?:\*/)?\s*$}m;
    }
    push @wrong, 'code switched off by #if 0' if code($text) =~ /^\s*#\s*if\s+0\b/m;
    ok !@wrong, "$file: comments worth reading" or diag map { "$file: $_\n" } @wrong;
}

for my $file (sources(qr/\.(?:t|pm)$/, 't')) {
    my @line = split /\n/, slurp($file), 4;
    ok(($file =~ /\.t$/ ? $line[1] : $line[2]) =~ /^# \w/, "$file says what it is for");
}

# The tree speaks of itself alone: no path of the machine it was written on.
for my $file (sources(qr/./, 'milter', 't/lib', 't/lint', 't/unit', 't/fuzz', 't/mta', 't/probe', 'contrib', 'conf')) {
    my $text = slurp($file);
    next if $text =~ /\0/;    # built here
    my @found = $text =~ m{((?:/wo[r]k|/roo[t]|/hom[e])/\w+)}g;
    ok !@found, "$file names no path of its author" or diag "@found";
}
done_testing;

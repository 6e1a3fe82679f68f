#!/usr/bin/perl
# The formatter decides; nobody argues.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(top sources);

# Another version of the tool formats otherwise.
my ($tool) = grep { `$_ --version 2>/dev/null` =~ /version 14\./ } qw(clang-format-14 clang-format);
plan skip_all => 'clang-format 14 is not here' unless $tool;

chdir top() or die "$!";
$ENV{top_srcdir} = '.';
for my $file (sources(qr/\.[ch]$/, 'milter', 't')) {
    my $output = `$tool --dry-run -Werror '$file' 2>&1`;
    is $? >> 8, 0, "$file is formatted" or diag $output;
}
done_testing;

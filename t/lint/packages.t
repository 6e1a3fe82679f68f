#!/usr/bin/perl
# What contrib/debian-packages says building needs, the Debian package asks
# for, too: a clean tree has nothing else.
use strict;
use warnings;
use Test::More;

my $top = $ENV{top_srcdir} // '.';

sub slurp {
    my ($path) = @_;
    open my $fh, '<', $path or die "$path: $!";
    local $/;
    return scalar <$fh>;
}

my ($depends) = slurp("$top/contrib/debian/control") =~ /^Build-Depends:((?:.*\n)(?:[ \t].*\n)*)/m;
my %asked = map { $_ => 1 } $depends =~ /([a-z][a-z0-9.+-]+)/g;
# In build-essential.
my @libraries = grep { $_ ne 'libc6-dev' } slurp("$top/contrib/debian-packages") =~ /^build\s+(\S+-dev)$/mg;
cmp_ok scalar @libraries, '>', 10, 'there are libraries';
ok $asked{$_}, "Build-Depends has $_" for @libraries;
done_testing;

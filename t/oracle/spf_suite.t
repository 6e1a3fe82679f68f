#!/usr/bin/perl
# The RFC 7208 test suite, each case of it, against spf_check (t/oracle/spf_cli).
#
# The suite is not ours to carry: it is read from $RFC7208_SUITE or from what
# Debian's python3-spf documents itself with. It needs python3-yaml.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);
use JSON::PP;

my $src    = $ENV{top_srcdir}   // '.';
my $build  = $ENV{top_builddir} // '.';
my $python = '/usr/bin/python3';
my $dir    = tempdir(CLEANUP => 1);
my $CASES  = 203;

my $documents = '/usr/share/doc/python3-spf/rfc7208-tests.yml';

sub suite {
    return $ENV{RFC7208_SUITE} if $ENV{RFC7208_SUITE};
    return $documents          if -e $documents;
    BAIL_OUT("no suite: set RFC7208_SUITE, or install python3-spf with its documentation")
        unless -e "$documents.gz";
    gunzip("$documents.gz" => "$dir/suite.yml") or BAIL_OUT("gunzip: $GunzipError");
    return "$dir/suite.yml";
}

sub scenarios {
    open my $out, '-|', $python, "$src/t/oracle/spf_yaml.py", suite() or BAIL_OUT("$python: $!");
    local $/;
    my $json = <$out>;
    close $out or BAIL_OUT('the suite can not be read: is python3-yaml installed?');
    return @{ decode_json($json) };
}

# Octets as the zone and the requests have them.
sub escape {
    my ($text) = @_;
    $text =~ s/([^!-\[\]-~])/sprintf '\\%03d', ord $1/ge;
    return $text;
}

sub name {
    my ($name) = @_;
    return $name eq '' ? '.' : escape($name) =~ s/;/\\059/gr;
}

sub strings {
    my ($value) = @_;
    my @string = ref $value ? @$value : $value;
    return join ' ', map { my $s = escape($_); $s =~ s/"/\\034/g; qq("$s") } @string;
}

# One name of a scenario's zonedata. "SPF" is the obsolete type 99, and stands
# for TXT unless the name has TXT of its own ("TXT: NONE": there is none).
sub records {
    my ($owner, $list) = @_;
    my @rr    = map { ref $_ ? [ %$_ ] : [$_] } @$list;
    my $txt   = grep { $_->[0] eq 'TXT' } @rr;
    my @lines;
    for my $rr (@rr) {
        my ($type, $value) = @$rr;
        next if $type eq 'SPF' && $txt;
        if    ($type eq 'TIMEOUT') { push @lines, 'TIMEOUT' }
        elsif ($type eq 'SPF' || $type eq 'TXT') {
            push @lines, 'TXT ' . strings($value) unless !ref $value && $value eq 'NONE';
        }
        elsif ($type eq 'MX') { push @lines, "MX $value->[0] " . name($value->[1]) }
        elsif ($type eq 'A' || $type eq 'AAAA') { push @lines, "$type $value" }
        else                                    { push @lines, "$type " . name($value) }
    }
    return map { name($owner) . " $_" } @lines;
}

sub ask {
    my ($zone, $requests) = @_;
    for (['zone', $zone], ['requests', $requests]) {
        open my $f, '>', "$dir/$_->[0]" or die $!;
        print $f map { "$_\n" } @{ $_->[1] };
        close $f or die $!;
    }
    my @lines = qx("$build/t/oracle/spf_cli" "$dir/zone" < "$dir/requests");
    chomp @lines;
    return map { [ split /\t/, $_, -1 ] } @lines;
}

my $cases = 0;
for my $scenario (scenarios()) {
    my $tests = $scenario->{tests};
    my @names = sort keys %$tests;
    my @zone  = map { records($_, $scenario->{zonedata}{$_}) } sort keys %{ $scenario->{zonedata} };
    my @got   = ask(
        \@zone,
        [   map {
                join "\t", 'mailfrom', map { escape($_) } @$_{qw(host helo mailfrom)}, 'receiver.example'
            } @$tests{@names}
        ]
    );
    is scalar @got, scalar @names, "$scenario->{description}: an answer each";
    for my $i (0 .. $#names) {
        my $case = $tests->{ $names[$i] };
        my @want = ref $case->{result} ? @{ $case->{result} } : $case->{result};
        my ($word, $reason, $explanation) = @{ $got[$i] // [] }[ 0, 1, 7 ];
        my $text = $case->{explanation};
        $text = '' if defined $text && $text eq 'DEFAULT';
        $cases++;
        ok((grep { $_ eq ($word // '') } @want) && (!defined $text || $text eq $explanation), $names[$i])
            or diag sprintf "got %s (%s) '%s', want %s '%s' (section %s)", $word // 'nothing', $reason // '',
            $explanation // '', "@want", $text // '(any)', $case->{spec};
    }
}
is $cases, $CASES, "$CASES cases were run";
done_testing;
